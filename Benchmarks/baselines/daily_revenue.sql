select (occurred_at at time zone 'UTC')::date as day, payload.country, count(*) filter (where version = 0) as orders,
    count(*) as lines, sum(payload.quantity * payload."unitPrice") as revenue
from {events}, json_to_record(data) as payload(country text, quantity numeric, "unitPrice" numeric)
group by day, payload.country
