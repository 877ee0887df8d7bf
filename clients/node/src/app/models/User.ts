// A user with typed attributes, a JSONB column and defaults.
import { Model, DataTypes, Optional } from 'sequelize';
import sequelize from '../connection';
import type { Post } from './Post';

interface UserAttributes {
  id: number;
  email: string;
  name: string;
  age: number;
  isActive: boolean;
  bio: string | null;
  metadata: Record<string, unknown> | null;
}

interface UserCreationAttributes
  extends Optional<UserAttributes, 'id' | 'age' | 'isActive' | 'bio' | 'metadata'> {}

export class User extends Model<UserAttributes, UserCreationAttributes> implements UserAttributes {
  declare id: number;
  declare email: string;
  declare name: string;
  declare age: number;
  declare isActive: boolean;
  declare bio: string | null;
  declare metadata: Record<string, unknown> | null;
  declare createdAt: Date;
  declare updatedAt: Date;
  declare posts?: Post[];
}

User.init(
  {
    id: { type: DataTypes.INTEGER, autoIncrement: true, primaryKey: true },
    email: { type: DataTypes.STRING(255), allowNull: false, unique: true },
    name: { type: DataTypes.STRING(100), allowNull: false },
    age: { type: DataTypes.INTEGER, defaultValue: 0 },
    isActive: { type: DataTypes.BOOLEAN, defaultValue: true },
    bio: { type: DataTypes.TEXT, allowNull: true },
    metadata: { type: DataTypes.JSONB, allowNull: true },
  },
  { sequelize, tableName: 'users', timestamps: true },
);
