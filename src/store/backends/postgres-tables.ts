export const TABLE = 'crew_approvals_records';
/** Replicas of an earlier version keep calling their own function: one with other parameters has another name. */
export const COMMIT = `${TABLE}_commit_compared`;

export const CREATE_TABLES = `
CREATE TABLE IF NOT EXISTS ${TABLE} (key text COLLATE "C" PRIMARY KEY, value text NOT NULL);
CREATE OR REPLACE FUNCTION ${COMMIT}(
  records text[], previous text[], put_keys text[], put_values text[], gone text[], deadline double precision
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  record text;
  held text;
BEGIN
  -- In one order for all, so that no two commits wait for each other.
  FOR record IN SELECT one FROM unnest(records) AS one ORDER BY one COLLATE "C" LOOP
    PERFORM pg_advisory_xact_lock(hashtextextended(record, 0));
  END LOOP;
  IF extract(epoch FROM clock_timestamp()) * 1000 > deadline THEN RETURN -1; END IF;
  FOR i IN 1..cardinality(records) LOOP
    SELECT value INTO held FROM ${TABLE} WHERE key = records[i];
    IF held IS DISTINCT FROM previous[i] THEN RETURN 0; END IF;
  END LOOP;
  DELETE FROM ${TABLE} WHERE key = ANY(gone);
  INSERT INTO ${TABLE} (key, value) SELECT * FROM unnest(put_keys, put_values)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value;
  RETURN 1;
END $$;
`;
