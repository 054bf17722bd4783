-- Only the position of the last line with a description goes through the aggregate; the description is looked up.
select line.sku, line.lines, line.units, line.revenue, coalesce(described.data->>'description', '') as description
from (
    select payload.sku, count(*) as lines, sum(payload.quantity)::bigint as units,
        sum(payload.quantity * payload."unitPrice") as revenue,
        max(position) filter (where payload.description <> '') as described_position
    from {events},
        json_to_record(data) as payload(sku text, description text, quantity numeric, "unitPrice" numeric)
    group by payload.sku) line
left join {events} described on described.position = line.described_position
