select * from t
--
select *, a from t
--
select t.*, u.b from t, u
--
select *
--
select a x, b "Y", c as z from t
--
select a from t as x
--
select t.a from t as x
--
select x.a from t as x (a, b)
--
select x.a from t as x (p, q)
--
select * from t as x (a, b, c, d, e, f)
--
select * from t, t
--
select * from t x, t y where x.a = y.a
--
select a from t x, t y
--
select a from t, u
--
select * from t join u on t.a = u.a
--
select * from t join u on a = 1
--
select * from t join u on t.a = x.a
--
select * from t join u using (a)
--
select * from t join u using (a, b)
--
select a, b from t join u using (a, b)
--
select t.a, u.a, a from t left join u using (a)
--
select a from t full join u using (a)
--
select a from t right join u using (a)
--
select * from t join u using (c)
--
select * from t join u using (a, a)
--
select * from t natural join u
--
select * from t natural full join u
--
select a from t natural left join def
--
select * from t join orders on t.a = orders.id
--
select * from t join orders o using (id)
--
select * from (t join u using (a)) j
--
select j.a, j.c from (t join u using (a)) as j
--
select t.a from (t join u using (a)) as j
--
select * from (t join u using (a)) as j (x, y)
--
select j.a from t join u using (a) as j
--
select j.b from t join u using (a) as j
--
select * from t cross join u
--
select * from t left join u on t.a = u.a and u.v > 1 where u.a is null
--
select * from t join u on true join wide on u.a = i4
--
select * from t join u on t.a = wide.i4 join wide on true
--
select * from t, u join wide on t.a = i4
--
select * from t inner join u on t.a
--
select * from (select a from t) x
--
select x.a, x.n from (select a, 1 as n from t) x
--
select * from (select a, a from t) x
--
select a from (select a, a from t) x
--
select * from (select 1) x (y)
--
select * from (values (1, 'a'), (2, 'b')) v
--
select v.column1, column2 from (values (1, 'a')) v
--
select * from (values (1, 'a'), (2)) v
--
select * from (values (1), ('x')) v
--
select * from (values (1), (2.5), (null)) v (n)
--
values (1, 'x'), (2, 'y')
--
values (1), (now())
--
values (1, 2), (3, 4) order by 1 limit 1
--
values (default)
--
select * from tv
--
select tv.bb, x.a from tv, tv x
--
select b from tv
--
select * from "Odd Name"
--
select "Col A", "select" from "Odd Name" o
--
select col from "Odd Name"
--
select * from nope
--
select * from nope.t
--
select * from public.t
--
select public.t.a, t.a from public.t
--
select public.t.a from t
--
select nope.t.a from t
--
select sundog_binder_compare.public.t.a from t
--
select other.public.t.a from t
--
select a.b.c.d.e from t
--
select u.a from t
--
select * from t where u.a = 1
--
select t.aa from t
--
select aa from t
--
select vv from u
--
select prise from items
--
select sku, quantity from items
--
select order_idd from items
--
select i.sku from items
--
select items.sku from items i
--
select orders.id from t
--
select ctid, tableoid, xmin from t
--
select tv.ctid from tv
--
select oid from t
--
select relname, relkind from pg_class where oid = 't'::regclass
--
select a from t where a
--
select a from t where b
--
select a from t where 'true'
--
select a from t where null
--
select a from t where a = 1 and
--
select a from t order by a, b desc, 1, c nulls first
--
select a from t order by 2
--
select a from t order by 0
--
select a from t order by 'x'
--
select a from t order by 1.5
--
select a as x from t order by x
--
select a as x from t order by x + 1
--
select a as b from t order by b
--
select a as x, b as x from t order by x
--
select a, a as a from t order by a
--
select a from t order by c + 1 desc
--
select a from t order by js
--
select js from wide order by js
--
select js from wide order by 1
--
select a from t order by a using <, b using >
--
select a from t order by a using =
--
select a from t order by a using nope
--
select distinct a, b from t
--
select distinct js from wide
--
select distinct a from t order by b
--
select distinct a from t order by a + 0
--
select distinct on (a) a, b from t order by a, b
--
select distinct on (a) a, b from t order by b
--
select distinct on (a, b) a from t order by b, a, c
--
select distinct on (b) a from t
--
select distinct on (1) a from t
--
select distinct on (js) i4 from wide
--
select a from t limit 5 offset 2
--
select a from t limit 'x'
--
select a from t limit a
--
select a from t limit null
--
select a from t fetch first 5 rows only
--
select a from t order by a fetch first 5 rows with ties
--
select a from t limit (select 1)
--
select a from t offset b
--
select a, count(*) from t group by a
--
select a, b, count(*) from t group by a
--
select b, a from t group by b
--
select b, max(a) from t group by b having max(a) > 1 order by max(a)
--
select b x, count(*) from t group by x
--
select b || 'x', count(*) from t group by b || 'x'
--
select b || 'y', count(*) from t group by b || 'x'
--
select b, count(*) from t group by 1
--
select count(*) from t group by 1
--
select b, count(*) from t group by 3
--
select b from t group by b order by a
--
select b from t group by b order by count(*)
--
select upper(b) from t group by b
--
select o.*, sum(i.qty) from orders o join items i on i.order_id = o.id group by o.id
--
select o.customer, sum(i.qty) from orders o join items i on i.order_id = o.id group by i.order_id
--
select i.sku from items i group by i.order_id
--
select i.sku from items i group by i.order_id, i.line
--
select a, b, grouping(a), grouping(a, b) from t group by rollup (a, b)
--
select a, b, count(*) from t group by cube (a, b), c
--
select a, b from t group by grouping sets ((a, b), (a), ())
--
select a, b, c from t group by grouping sets ((a, b), (a))
--
select count(*) from t group by ()
--
select grouping(c) from t group by rollup (a, b)
--
select a from t group by rollup (b)
--
select t.b, x.n from t, lateral (select count(*) n from u where u.b = t.b) x
--
select js, count(*) from wide group by js
--
select a from t union select a from u
--
select a, b from t union all select a, b from u order by 1
--
select a from t union select b from t
--
select a from t union select 1.5
--
select a, b from t union select a from t
--
select 1 union select 'x'
--
select 'x' union select 1
--
select 'a' union select 'b'
--
select null union select 1
--
select a from t intersect select a from u except select 1
--
select a as x from t union select a from u order by x
--
select a from t union select a from u order by a + 1
--
select a from t union select a from u order by b
--
(select a from t order by a limit 1) union all (select a from u order by a limit 1) order by 1
--
select js from wide union select js from wide
--
select js from wide union all select js from wide
--
select a from t union all select a from u limit 3 for update
--
select * from t, (select a from u union select t.a) x
--
with x as (select a from t) select * from x
--
with x (p, q) as (select a, b from t) select p, q from x
--
with x (p, q, r) as (select a, b from t) select * from x
--
with x as (select 1), x as (select 2) select * from x
--
with x as (select * from y), y as (select 1) select * from x
--
with x as (select a from t), y as (select * from x) select * from y, x
--
with recursive r (n) as (select 1 union all select n + 1 from r where n < 5) select n from r
--
with recursive r (n) as (select 1 union all select n + 1.5 from r) select n from r
--
with recursive r as (select 1 as n union all select n from r, r x) select * from r
--
with recursive r as (select n from r) select * from r
--
with recursive r as (select 1 as n union all select max(n) from r) select * from r
--
with recursive r as (select n from r union all select 1) select * from r
--
with recursive r as (select 1 as n union all select a from t left join r on true) select * from r
--
with recursive r as (select 1 as n union all select 2 where exists (select * from r)) select * from r
--
with recursive r as (select 1 as n union all select n + 1 from r order by 1) select * from r
--
with recursive r as (select 1 as n union all select n + 1 from r limit 5) select * from r
--
with recursive x as (select * from y), y as (select * from x) select * from x
--
with recursive r as (select 1 as n intersect select n + 1 from r) select * from r
--
with recursive r (n) as (values (1) union all select n + 1 from r where n < 3) select sum(n) from r
--
with recursive tree (id, path) as (select a, array[a] from t union all select u.a, path || u.a from u join tree on u.a = tree.id) select * from tree
--
with x as materialized (select a from t) select * from x where a = 1
--
with x as (insert into t (a) values (1) returning a, b) select * from x
--
with x as (insert into t (a) values (1)) select * from x
--
with x as (delete from t where a = 1 returning *) insert into u (a, b) select a, b from x
--
select * from (with x as (delete from t returning a) select * from x) y
--
select * from t for update
--
select * from t for update of t nowait
--
select * from t x for share of x skip locked
--
select * from t for update of u
--
select * from t x for update of t
--
select * from t, u for no key update of u
--
select * from t for update of public.t
--
select distinct a from t for update
--
select count(*) from t for update
--
select a from t group by a for update
--
select sum(a) over () from t for update
--
select * from (select * from t) x for update
--
select * from (select distinct a from t) x for update
--
values (1) for update
--
select * from t join u using (a) as j for update of j
--
select a into newtab from t
--
select * from t tablesample bernoulli (10)
--
select * from t tablesample system (10, 5)
--
select * from t tablesample nope (10)
--
select * from tv tablesample system (10)
--
select 1 from t where exists (select 1 from u where u.a = t.a and u.b = t.bb)
--
select a from t where a = (select max(x.a) from t x where x.b = t.b)
--
select (select (select t.a)) from t
--
select (select a from u where u.a = t.a) as q, q from t
--
table t
--
select all a from t
--
select from t
--
select count(*)
--

--
select a from t where exists (select 1 from u as t where v = c)
--
select a from t where a in (select t.a from t where exists (select 1 from t where b = t.b))
--
with t as (select a from t) select t.a from t, u as t_1
--
select a from t tablesample system (33.3)
--
select a, count(*) from t group by distinct rollup (a, b), grouping sets ((c), grouping sets (cube (a, b), ()))
--
select concat_ws(',', a, b), jsonb_extract_path(d, 'a', 'b') from (select a, b, '{}'::jsonb d from t) x
