import { describePostgres } from '../support/servers.ts';
import { storeOutage } from './store-outage.ts';
import { newPostgresStore } from './store-outage-steps.ts';

storeOutage('Postgres', describePostgres, newPostgresStore);
