-- What a role needs that only appends, and one that only reads. Roles belong to the whole server and are the administrator's
-- to create; these two functions give an existing role its rights on this log, and nothing else.

create function grant_append(appender regrole) returns void
language plpgsql volatile set search_path from current
as $$
begin
    execute format('grant usage on schema %I to %s', current_schema(), appender);
    -- EXECUTE on the append functions, which run with their owner's rights: no INSERT, no sequence of its own.
    execute format('grant execute on function append, append_one to %s', appender);
end $$;

create function grant_read(reader regrole) returns void
language plpgsql volatile set search_path from current
as $$
begin
    execute format('grant usage on schema %I to %s', current_schema(), reader);
    execute format('grant select on events, positions, projections, rebuilds, offsets, log_identity, migrations to %s', reader);
end $$;

revoke all on function grant_append, grant_read from public;
revoke all on function take_lease, renew_lease, release_lease, advance from public;
