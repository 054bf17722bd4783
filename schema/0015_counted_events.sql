-- What the log holds up to a position, by type, as the last proof has counted it: the next one counts only what has come since.

create table counted_events (
    log uuid not null,
    type text not null,
    position bigint not null,
    -- The event at the position; if the log has another one there, the counts say nothing.
    anchor uuid not null,
    events bigint not null,
    position_sum numeric not null,
    position_mix bigint not null,
    counted_at timestamptz not null default clock_timestamp(),
    primary key (log, type)
);
