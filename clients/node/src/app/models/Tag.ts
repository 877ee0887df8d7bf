// A tag, many to many with posts.
import { Model, DataTypes } from 'sequelize';
import sequelize from '../connection';
import type { Post } from './Post';

export class Tag extends Model {
  declare id: number;
  declare name: string;
  declare posts?: Post[];
}

Tag.init(
  {
    id: { type: DataTypes.INTEGER, autoIncrement: true, primaryKey: true },
    name: { type: DataTypes.STRING(100), allowNull: false, unique: true },
  },
  { sequelize, tableName: 'tags', timestamps: false },
);
