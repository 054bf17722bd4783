-- The tables that hold the rows of each projection, and which of them the stable name of its view shows.

create table projections (
    name text not null check (octet_length(name) between 1 and 63),
    version integer not null check (version >= 1),
    -- 'projection': what the engine keeps up to date for the version. 'rebuild': filled by a rebuild, which nobody else
    -- touches. 'kept': what a rebuild of the same version replaced, kept up to date for a way back.
    -- The row of the same kind, name and version in "offsets" says how far it has come.
    kind text not null default 'projection' check (kind in ('projection', 'rebuild', 'kept')),
    -- The columns, key and indexes that the version was created with. A program that declares others is refused.
    shape text not null,
    -- The table behind the stable name; null for a projection that writes tables of its own, and for one that is retired.
    view_table text,
    -- True for the one that the stable name shows.
    active boolean not null default false check (not active or kind = 'projection'),
    -- When the stable name last began to show it. What was shown once is not shown again unless somebody asks for it.
    shown_at timestamptz,
    -- Its table was dropped when another version took its place. A process that still declares it leaves it alone.
    retired_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (name, version, kind)
);
create unique index projections_one_active on projections (name) where active;

-- Rebuilds that are under way or wait to be continued: what "offsets" and "projections" do not say of them.
create table rebuilds (
    name text not null,
    version integer not null,
    log uuid not null,
    phase text not null,
    -- The frontier when it began, and how many events it has to apply up to there; null until they are counted.
    goal bigint not null default 0,
    -- How far it has read, rows in memory included; what is durable is in "offsets".
    reached bigint not null default 0,
    row_count bigint not null default 0,
    -- Of the events that it has applied durably: the sum of their positions, and the exclusive or of their mixed positions.
    position_sum numeric not null default 0,
    position_mix bigint not null default 0,
    -- Rows that were written again after a checkpoint, until they are merged; null if there are none.
    changes_table text,
    -- True when the table has its primary key: rows are written by key from then on.
    keyed boolean not null default false,
    keep_old boolean not null default false,
    -- The transaction that finished loading: who reads by an older snapshot would find the table empty.
    loaded_by xid,
    started_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (name, version)
);

-- Tables that are no longer wanted. They are dropped as soon as nobody reads them.
create table discarded_tables (
    name text primary key,
    discarded_at timestamptz not null default clock_timestamp()
);
