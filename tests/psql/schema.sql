-- What psql's commands are shown.
create schema shop;
comment on schema shop is 'goods and people';
create type shop.mood as enum ('sad', 'ok', 'happy');
create table customer (
    id serial primary key,
    email varchar(255) not null unique,
    name text not null default 'anon',
    age int check (age >= 0),
    created timestamptz(3) not null default now(),
    data jsonb,
    tags text[]
);
create index customer_name on customer (lower(name), age desc nulls last) where age is not null;
create table orders (
    id bigint generated always as identity primary key,
    customer_id int not null references customer on delete cascade on update set null,
    total numeric(10,2) not null default 0,
    doubled numeric generated always as (total * 2) stored,
    state shop.mood default 'ok',
    unique (customer_id, id),
    constraint total_ok check (total >= 0)
);
create table line (
    order_id bigint references orders deferrable initially deferred,
    number int,
    fixed char(4) collate "C",
    primary key (order_id, number) include (fixed)
);
create table shop."Odd Name" ("Some Column" int, b bytea);
create view adults as select id, name from customer where age >= 18;
create sequence shop.ticket start 100 increment 5;
create unlogged table scratch (a int);
comment on table customer is 'people who buy';
comment on column customer.email is 'where to write';
create function add_one(i int) returns int language sql immutable as 'select i + 1';
create role reader nologin;
grant select on customer to reader;
alter default privileges for role reader grant select on tables to public;
alter default privileges for role reader in schema shop revoke execute on functions from public;
alter default privileges for role reader in schema shop grant usage on sequences to postgres with grant option;
alter role reader set search_path = shop, public;
alter role reader in database postgres set work_mem = '8MB';
alter table shop."Odd Name" enable row level security;
create policy odd on shop."Odd Name" as restrictive for update to reader using ("Some Column" > 0) with check (b is not null);
create policy seen on shop."Odd Name" using (true);
