alter table {view} add primary key (sku);
