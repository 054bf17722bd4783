alter table {view} add primary key (order_id);
create index on {view} (customer);
