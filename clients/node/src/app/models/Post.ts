// A post, which belongs to a user.
import {
  Model,
  DataTypes,
  Optional,
  BelongsToManyAddAssociationMixin,
  BelongsToManyRemoveAssociationMixin,
  BelongsToManyGetAssociationsMixin,
  BelongsToManySetAssociationsMixin,
} from 'sequelize';
import sequelize from '../connection';
import type { Tag } from './Tag';
import type { User } from './User';

interface PostAttributes {
  id: number;
  title: string;
  content: string;
  published: boolean;
  authorId: number;
}

interface PostCreationAttributes extends Optional<PostAttributes, 'id' | 'published'> {}

export class Post extends Model<PostAttributes, PostCreationAttributes> implements PostAttributes {
  declare id: number;
  declare title: string;
  declare content: string;
  declare published: boolean;
  declare authorId: number;
  declare createdAt: Date;
  declare tags?: Tag[];
  declare author?: User;
  declare addTag: BelongsToManyAddAssociationMixin<Tag, number>;
  declare removeTag: BelongsToManyRemoveAssociationMixin<Tag, number>;
  declare getTags: BelongsToManyGetAssociationsMixin<Tag>;
  declare setTags: BelongsToManySetAssociationsMixin<Tag, number>;
}

Post.init(
  {
    id: { type: DataTypes.INTEGER, autoIncrement: true, primaryKey: true },
    title: { type: DataTypes.STRING(500), allowNull: false },
    content: { type: DataTypes.TEXT, allowNull: false },
    published: { type: DataTypes.BOOLEAN, defaultValue: false },
    authorId: { type: DataTypes.INTEGER, allowNull: false },
  },
  { sequelize, tableName: 'posts', timestamps: true },
);
