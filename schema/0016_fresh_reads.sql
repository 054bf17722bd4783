-- Reads that are as fresh as their reader needs: who waits for a view is told of commits by notifications, as long as
-- somebody listens.
--
-- Somebody listens as long as a session has the shared advisory lock of readers_key(). It ends with its session, so that a
-- process that dies leaves nothing behind; one that hangs makes the others notify it in vain, which costs them little.

create function readers_key() returns bigint language plpgsql stable set search_path from current
as $$
begin
    return hashtextextended('readers', 'offsets'::regclass::oid::bigint);
end $$;

-- The channel on which commits are told: "version position name" of a view. A notification is a hint to look, not data.
create function readers_channel() returns text language plpgsql stable set search_path from current
as $$
begin
    return 'hindsight_readers_' || 'offsets'::regclass::oid;
end $$;

-- Says that this session listens, until it ends. Call it after LISTEN.
create function announce_reader() returns void language plpgsql volatile set search_path from current
as $$
begin
    perform pg_advisory_lock_shared(readers_key());
end $$;

-- Whether somebody listens. Each commit asks; the lock is held for the time of the question only, and nobody waits for it
-- longer than that.
create function readers_listen() returns boolean language plpgsql volatile set search_path from current
as $$
declare
    key constant bigint := readers_key();
begin
    if pg_try_advisory_lock(key) then
        perform pg_advisory_unlock(key);
        return false;
    end if;
    return true;
end $$;

-- Tells those who listen. In a transaction of its own, after the commit of what is told: NOTIFY holds a lock on the whole server
-- until its transaction is flushed.
create function tell_readers(news text[]) returns void language plpgsql volatile set search_path from current
as $$
begin
    perform pg_notify(readers_channel(), line) from unnest(news) line;
end $$;

-- Waits until a view reflects a position of the log, and returns the position that it has come to. For clients that cannot be
-- woken: it looks again and again, first every two milliseconds, then every fifty.
--
-- The position is that of the moment at which this returns; rows that a later statement reads are as new or newer, unless somebody
-- has rolled the view back meanwhile. It holds no lock. Its statement has a snapshot as any other, and a swap waits for it as
-- for any other: no longer than the timeout.
create function wait_for(view_name text, at_least bigint, timeout interval default '5 seconds') returns bigint
language plpgsql volatile set search_path from current
as $$
declare
    deadline constant timestamptz := clock_timestamp() + timeout;
    pause double precision := 0.002;
    shown record;
    state text;
begin
    -- A transaction with a snapshot of its own would see the view at one position for ever.
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
        raise exception 'wait_for() needs a transaction that is read committed, and this one is %', current_setting('transaction_isolation')
            using errcode = 'active_sql_transaction', hint = 'Call it before the transaction begins.';
    end if;
    loop
        select p.version, coalesce(o.position, 0) as position, o.stopped_at, o.error, o.owner, o.held into shown
        from projections p
        left join lateral (
            select f.position, f.stopped_at, f.error, f.owner, case
                when f.position >= at_least then null
                when pg_is_in_recovery() then f.owner is not null and f.leased_until >= clock_timestamp()
                else is_held(f) end as held
            from offsets f
            where f.kind = 'projection' and f.name = p.name and f.version = p.version and f.partition = 0
            order by f.position desc, f.log limit 1) o on true
        where p.active and p.name = view_name;
        if not found then
            raise exception 'no projection "%" is shown', view_name using errcode = 'undefined_table';
        elsif shown.position >= at_least then
            return shown.position;
        elsif shown.stopped_at is not null then
            raise exception 'projection "%" stands at position % and does not come to %: it stopped at position %: %',
                view_name, shown.position, at_least, shown.stopped_at, shown.error
                using errcode = 'HS002', hint = 'Mend the cause and resume it.';
        elsif clock_timestamp() >= deadline then
            state := case when shown.held then format('%s works on it', shown.owner) else 'no process works on it' end;
            raise exception 'projection "%" has not come to position % within %: it stands at %, % positions before that, and %',
                view_name, at_least, timeout, shown.position, at_least - shown.position, state
                using errcode = 'HS003', hint = 'Wait longer, or see what holds it up: projections list.';
        end if;
        perform pg_sleep(least(pause, greatest(extract(epoch from deadline - clock_timestamp()), 0)));
        pause := least(pause * 1.5, 0.05);
    end loop;
end $$;

revoke all on function readers_key, readers_channel, announce_reader, readers_listen, tell_readers, wait_for from public;
