// Every suite in one process, one after the other: they share the application's tables.
import { after } from 'node:test';
import sequelize from '../app/connection';

import './application';
import './operators';
import './eager_loading';
import './transactions';
import './advanced_sql';
import './elsewhere_failing';
import './schema_sync';
import './concurrency';
import './driver';
import './knex';
import './vectors';

after(() => sequelize.close());
