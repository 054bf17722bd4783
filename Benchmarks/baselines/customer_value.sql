-- The first and the last line of a customer are looked up by position, because nothing says that times grow.
select line.customer, line.orders, line.lines, line.spend, first.occurred_at as first_at, last.occurred_at as last_at
from (
    select payload.customer, count(*) filter (where version = 0) as orders, count(*) as lines,
        sum(payload.quantity * payload."unitPrice") as spend, min(position) as first_position,
        max(position) as last_position
    from {events}, json_to_record(data) as payload(customer text, quantity numeric, "unitPrice" numeric)
    where payload.customer <> ''
    group by payload.customer) line
join {events} first on first.position = line.first_position
join {events} last on last.position = line.last_position
