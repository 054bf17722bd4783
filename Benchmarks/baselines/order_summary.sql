-- The first line of an order has version 0. The last one is looked up by its position, because nothing says that times grow.
-- The volatile column keeps the planner from merging the inner query, which would take quantity out of the JSON twice.
select substr(line.stream, strpos(line.stream, '-') + 1) collate "default" as order_id, line.customer, line.country,
    line.lines, line.quantity, line.total, line.first_at, last.occurred_at as last_at
from (
    select stream, coalesce(max(customer), '') as customer, max(country) as country, count(*) as lines,
        sum(quantity)::bigint as quantity, sum(quantity * price) as total, max(first_at) as first_at,
        max(position) as last_position
    from (
        select stream, position, case when version = 0 then occurred_at end as first_at,
            case when version = 0 then data->>'customer' end as customer,
            case when version = 0 then data->>'country' end as country,
            (data->>'quantity')::numeric as quantity, (data->>'unitPrice')::numeric as price, clock_timestamp() as fence
        from {events}) taken
    group by stream) line
join {events} last on last.position = line.last_position
