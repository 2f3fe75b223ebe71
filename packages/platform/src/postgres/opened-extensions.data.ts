/**
 * Extensions that PostgreSQL leaves to superusers and that a database's own role can make here, and what its scripts are
 * followed by. None leads to the server's files or programs; what postgres_fdw reaches takes a password. Scripts run as
 * superuser with the maker's schema on the search path, so whatever is added here calls no function and no operator:
 * earthdistance, whose own scripts do, stays closed.
 */
export const openedExtensions: Readonly<Record<string, readonly string[]>> = {
  amcheck: [
    ...['bt_index_check(regclass)', 'bt_index_check(regclass, boolean)', 'bt_index_check(regclass, boolean, boolean)'],
    ...['bt_index_parent_check(regclass)', 'bt_index_parent_check(regclass, boolean)'],
    'bt_index_parent_check(regclass, boolean, boolean)',
    'bt_index_parent_check(regclass, boolean, boolean, boolean)',
    ...['gin_index_check(regclass)', 'verify_heapam'],
  ].map((name) => `GRANT EXECUTE ON FUNCTION ${name} TO @extowner@;`),
  autoinc: [],
  bloom: [],
  insert_username: [],
  moddatetime: [],
  pg_stat_statements: [
    'GRANT EXECUTE ON FUNCTION pg_stat_statements_reset(Oid, Oid, bigint, boolean) TO @extowner@;',
    // What `heroku pg:outliers --reset` calls on plans of the Essential tier.
    'CREATE SCHEMA _heroku;',
    'GRANT USAGE ON SCHEMA _heroku TO @extowner@;',
    `CREATE FUNCTION _heroku.pg_stat_statements_reset(userid Oid DEFAULT 0, dbid Oid DEFAULT 0, queryid bigint DEFAULT 0,
  minmax_only boolean DEFAULT false) RETURNS timestamp with time zone
  AS 'MODULE_PATHNAME', 'pg_stat_statements_reset_1_11' LANGUAGE C STRICT PARALLEL SAFE;`,
    'REVOKE ALL ON FUNCTION _heroku.pg_stat_statements_reset FROM PUBLIC;',
    'GRANT EXECUTE ON FUNCTION _heroku.pg_stat_statements_reset TO @extowner@;',
  ],
  pgrowlocks: [],
  pgstattuple: [
    ...['pgstattuple(text)', 'pgstattuple(regclass)', 'pgstatindex(text)', 'pgstatindex(regclass)'],
    ...['pgstatginindex(regclass)', 'pgstathashindex(regclass)', 'pg_relpages(text)', 'pg_relpages(regclass)'],
    'pgstattuple_approx(regclass)',
  ].map((name) => `GRANT EXECUTE ON FUNCTION ${name} TO @extowner@;`),
  postgres_fdw: ['GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO @extowner@;'],
  sslinfo: [],
};
