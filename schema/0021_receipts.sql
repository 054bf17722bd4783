-- What became of commands that were handed in to the event centre: each has one row, whoever hands it in however often.
--
-- A command is taken (its row is there), decided (what it appends is noted, before it is appended), and ended (its receipt is there).
-- Each step is one statement that changes the row only if nobody has taken that step meanwhile, so that of several nodes that work on
-- the same command one decides, all append the same events with the same ids, which the log stores once, and all answer the same.

create table receipts (
    log uuid not null,
    command uuid not null,
    -- What it is called: its type's name, or the task that is done.
    name text not null,
    -- SHA-256 of what was handed in: the same id with another content is refused.
    content bytea not null check (octet_length(content) = 32),
    taken_at timestamptz not null default clock_timestamp(),
    -- How often it was decided. A decision is replaced only after the log has refused it for good.
    attempt integer not null default 0 check (attempt >= 0),
    -- The stream, what it is expected to look like, and the events; null before the decision and after the end.
    decision json,
    decided_at timestamptz,
    -- The answer, byte for byte.
    receipt json,
    ended_at timestamptz,
    primary key (log, command),
    check (decision is null or receipt is null),
    check ((receipt is null) = (ended_at is null))
);

-- Those that a node took and did not end: few.
create index receipts_open on receipts (log, taken_at) where receipt is null;

-- What a role needs to serve commands beside its rights on the log and the engine's tables.
create function grant_centre(node regrole) returns void
language plpgsql volatile set search_path from current
as $$
begin
    execute format('grant usage on schema %I to %s', current_schema(), node);
    execute format('grant select, insert, update on receipts to %s', node);
end $$;

revoke all on function grant_centre from public;
