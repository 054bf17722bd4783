-- What each commit calls, as single expressions. Without settings of their own they become part of the statement that calls them,
-- which costs a batch at the head half of what calls in PL/pgSQL do, whose caches are cold there. Their bodies are resolved here
-- and now: whatever the caller's search_path, they mean what they mean here. Owner and rights stay, and so do the keys, by which
-- processes of the release before find those of this one.

create or replace function work_key(s shard) returns bigint language sql stable
return hashtextextended(concat_ws(' ', s.kind, s.version, s.partition, s.log, s.name), 'offsets'::regclass::oid::bigint);

-- The condition, which always holds, has the time set before the lock is taken.
create or replace function work_on(s shard, idle_limit interval) returns void language sql volatile
return pg_advisory_xact_lock_shared(
    case when set_config('idle_in_transaction_session_timeout', ceil(extract(epoch from idle_limit) * 1000)::bigint::text, true)
        is not null then work_key(s) end);

create or replace function readers_key() returns bigint language sql stable
return hashtextextended('readers', 'offsets'::regclass::oid::bigint);

create or replace function readers_listen() returns boolean language sql volatile
return case when pg_try_advisory_lock(readers_key()) then not pg_advisory_unlock(readers_key()) else true end;
