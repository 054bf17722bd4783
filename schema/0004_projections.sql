-- The versions of each projection, and which of them the stable name of its view shows.

create table projections (
    name text not null check (octet_length(name) between 1 and 63),
    version integer not null check (version >= 1),
    -- The columns, key and indexes that the version was created with. A program that declares others is refused.
    shape text not null,
    -- The table behind the stable name; null for a projection that writes tables of its own.
    view_table text,
    -- True for the one version that the stable name shows.
    active boolean not null default false,
    created_at timestamptz not null default now(),
    primary key (name, version)
);
create unique index projections_one_active on projections (name) where active;
