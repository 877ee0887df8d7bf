// Associations: eager loading, filters on them, many to many.
import assert from 'node:assert/strict';
import { describe, it, before } from 'node:test';
import { Op } from 'sequelize';
import { User, Post, Tag } from '../app/models';
import { setup, dropTables } from '../app/setup';

describe('eager loading', () => {
  before(async () => {
    await dropTables();
    await setup();
    await User.bulkCreate([
      { email: 'alice@example.com', name: 'Alice', age: 30 },
      { email: 'bob@example.com', name: 'Bob', age: 25 },
    ]);
    await Post.bulkCreate([
      { title: 'First', content: 'one', authorId: 1, published: true },
      { title: 'Second', content: 'two', authorId: 1 },
    ]);
  });

  it('loads posts with their user by LEFT JOIN', async () => {
    const user = await User.findByPk(1, {
      include: [{ model: Post, as: 'posts' }],
      order: [[{ model: Post, as: 'posts' }, 'id', 'ASC']],
    });
    assert.deepEqual(
      user!.posts!.map((post) => post.title),
      ['First', 'Second'],
    );
    const bob = await User.findByPk(2, { include: [{ model: Post, as: 'posts' }] });
    assert.deepEqual(bob!.posts, []);
  });

  it('adds and removes tags', async () => {
    const post = await Post.findByPk(1);
    const tag = await Tag.create({ name: 'db9' });
    await post!.addTag(tag);
    assert.deepEqual(
      (await post!.getTags()).map((each) => each.name),
      ['db9'],
    );
    await post!.removeTag(tag);
    assert.deepEqual(await post!.getTags(), []);
    await post!.setTags([tag, await Tag.create({ name: 'sql' })]);
    assert.deepEqual(
      (await post!.getTags({ order: ['name'] })).map((each) => each.name),
      ['db9', 'sql'],
    );
  });

  it('loads nested includes', async () => {
    const user = await User.findByPk(1, {
      include: [{ model: Post, as: 'posts', include: [{ model: Tag, as: 'tags' }] }],
      order: [
        ['posts', 'id', 'ASC'],
        ['posts', 'tags', 'name', 'ASC'],
      ],
    });
    assert.deepEqual(
      user!.posts!.map((post) => post.tags!.map((tag) => tag.name)),
      [['db9', 'sql'], []],
    );
  });

  it('filters what is included', async () => {
    const user = await User.findByPk(1, {
      include: [{ model: Post, as: 'posts', where: { published: true } }],
    });
    assert.deepEqual(
      user!.posts!.map((post) => post.title),
      ['First'],
    );
    assert.equal(
      await User.findByPk(2, {
        include: [{ model: Post, as: 'posts', where: { published: true } }],
      }),
      null,
    );
  });

  it('loads only users with posts by INNER JOIN', async () => {
    const authors = await User.findAll({ include: [{ model: Post, as: 'posts', required: true }] });
    assert.deepEqual(
      authors.map((user) => user.name),
      ['Alice'],
    );
  });

  it('loads the other way, with limits and counts', async () => {
    const posts = await Post.findAll({
      include: [{ model: User, as: 'author', attributes: ['name'] }],
      order: ['id'],
      limit: 1,
    });
    assert.equal(posts[0].author!.name, 'Alice');
    const page = await User.findAndCountAll({
      include: [{ model: Post, as: 'posts', required: true }],
      limit: 1,
      distinct: true,
    });
    assert.equal(page.count, 1);
    const tagged = await Post.findAll({
      include: [{ model: Tag, as: 'tags', where: { name: { [Op.like]: 'd%' } } }],
    });
    assert.deepEqual(
      tagged.map((post) => post.title),
      ['First'],
    );
    const separate = await User.findAll({
      include: [{ model: Post, as: 'posts', separate: true, order: [['id', 'DESC']] }],
      order: ['id'],
    });
    assert.deepEqual(
      separate[0].posts!.map((post) => post.title),
      ['Second', 'First'],
    );
  });

  it('filters by an association from the top', async () => {
    const users = await User.findAll({
      where: { '$posts.title$': 'Second' } as any,
      include: [{ model: Post, as: 'posts' }],
    });
    assert.deepEqual(
      users.map((user) => user.name),
      ['Alice'],
    );
  });

  it('keeps to the foreign keys', async () => {
    await assert.rejects(
      Post.update({ authorId: 77 }, { where: { id: 1 } }),
      /violates foreign key constraint/,
    );
    await Tag.destroy({ where: { name: 'sql' } });
    const post = await Post.findByPk(1, { include: [{ model: Tag, as: 'tags' }] });
    assert.deepEqual(
      post!.tags!.map((tag) => tag.name),
      ['db9'],
    );
  });
});
