// The application's connection; where it goes comes from the environment (SUNDOG_DSN, a URL).
import { Sequelize } from 'sequelize';

const url = new URL(process.env.SUNDOG_DSN ?? 'postgresql://postgres@127.0.0.1:5432/postgres');

export const settings = {
  host: url.hostname,
  port: Number(url.port || 5432),
  username: decodeURIComponent(url.username || 'postgres'),
  password: decodeURIComponent(url.password),
  database: url.pathname.slice(1) || 'postgres',
};

const sequelize = new Sequelize({
  dialect: 'postgres',
  ...settings,
  logging: false,
  pool: {
    max: 5,
    min: 0,
    acquire: 30000,
    idle: 10000,
  },
});

export default sequelize;
