-- The event log: one table, one sequence that draws positions, and the class id of the log's advisory locks.
-- Every statement of a migration runs with search_path set to the engine's schema, so no name here is qualified.

-- One sequence value a position. CACHE 1 and INCREMENT 1: the frontier relies on last_value being the highest drawn.
create sequence positions as bigint increment by 1 minvalue 1 start with 1 cache 1 no cycle;

-- The first key of this log's advisory locks, drawn once, so that several logs fit in one database. It is a function and
-- not a row, so that the planner folds it to a constant and an append pays nothing for it.
do $$
begin
    execute format(
        'create function log_class() returns integer language sql immutable parallel safe return %s',
        ('x' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 7))::bit(28)::integer + 1);
end $$;

-- Which log this is, so that an offset kept in another database knows whose it is.
create table log_identity (
    id uuid primary key default gen_random_uuid(),
    created_at timestamptz not null default now()
);
insert into log_identity default values;

create table events (
    position bigint primary key,
    version bigint not null check (version >= 0),
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    id uuid not null unique,
    schema_version integer not null check (schema_version >= 1),
    stream text collate "C" not null check (octet_length(stream) between 1 and 512),
    type text collate "C" not null check (octet_length(type) between 1 and 256),
    correlation_id text,
    causation_id text,
    -- json, not jsonb: reading is two to three times as fast, and export gives back the bytes that came in.
    data json not null,
    metadata json,
    unique (stream, version)
);

-- A stream's category is what stands before its first '-'.
create function category(stream text) returns text language sql immutable parallel safe
    return split_part(stream, '-', 1);

-- Readers that want a few types or one category find them, and their absence, without scanning the log.
create index events_type_position on events (type, position);
create index events_category_position on events (category(stream), position);

comment on table events is 'The append-only, totally ordered store of events. Append with append(), never with INSERT.';
