// Associations, defined once all models are.
import { User } from './User';
import { Post } from './Post';
import { Tag } from './Tag';

// One-to-Many
User.hasMany(Post, { foreignKey: 'authorId', as: 'posts', onDelete: 'CASCADE' });
Post.belongsTo(User, { foreignKey: 'authorId', as: 'author' });

// Many-to-Many. The columns are named as the hand-written tables name them, where Sequelize's
// default would be "PostId".
Post.belongsToMany(Tag, {
  through: 'post_tags',
  as: 'tags',
  foreignKey: 'postId',
  otherKey: 'tagId',
});
Tag.belongsToMany(Post, {
  through: 'post_tags',
  as: 'posts',
  foreignKey: 'tagId',
  otherKey: 'postId',
});

export { User, Post, Tag };
