// One process, one file after the other: their tables have the same names.
import './connector';
import './postgres_js';
import './sequelize';
import './typeorm';
import './drizzle';
import './prisma';
