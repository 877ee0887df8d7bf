insert into t values (1)
--
insert into t values (1, 'x', 2.5, now(), true)
--
insert into t values (1, 'x', 2.5, now(), true, 6)
--
insert into t (a, b) values (1)
--
insert into t (a) values (1, 2)
--
insert into t (a, nope) values (1, 2)
--
insert into t (a, a) values (1, 2)
--
insert into t (a, b) values (1, 'x'), (2, 'y')
--
insert into t (a, b) values (1, 'x'), (2)
--
insert into t (a, b) values (1, default), (default, 'y')
--
insert into t (a, b) values ($1, $2), ($3, $4)
--
insert into t default values
--
insert into t (a) values ('x')
--
insert into t (a) values (now())
--
insert into t (b) values (5)
--
insert into t (a) values (1.5)
--
insert into t (e) values (1)
--
insert into t (d) values ('nope')
--
insert into t (c) values ('x')
--
insert into t (a, b) select a, b from u
--
insert into t select a, b from u
--
insert into t (a) select a, b from u
--
insert into t (a, b) select a from u
--
insert into t (a) select b from u
--
insert into t (a, b) select 1, 'x'
--
insert into t (a, b) select $1, $2
--
insert into t (a) values (a)
--
insert into t (a) values (t.a)
--
insert into t (a) values ((select max(a) from t))
--
insert into t (a) values (sum(1))
--
insert into t (a) values (generate_series(1, 3))
--
insert into t (a) values (generate_series(1, 3)), (1)
--
insert into t (a) values (1) returning a, b as x, *
--
insert into t (a) values (1) returning u.a
--
insert into t (a) values (1) returning count(*)
--
insert into t (a) values (1) returning nope
--
insert into t as x (a) values (1) returning x.a
--
insert into t as x (a) values (1) returning t.a
--
insert into t (a) values (1) on conflict do nothing
--
insert into t (a) values (1) on conflict (a) do nothing
--
insert into t (a) values (1) on conflict (b) do nothing
--
insert into t (a) values (1) on conflict (nope) do nothing
--
insert into t (a) values (1) on conflict on constraint t_pkey do nothing
--
insert into t (a) values (1) on conflict on constraint nope do nothing
--
insert into t (a, b) values (1, 'x') on conflict (a) do update set b = excluded.b, c = t.c + 1 where t.a > 1
--
insert into t (a, b) values (1, 'x') on conflict (a) do update set b = b
--
insert into t (a, b) values (1, 'x') on conflict do update set b = excluded.b
--
insert into t (a, b) values (1, 'x') on conflict (a) do update set nope = 1
--
insert into t (a, b) values (1, 'x') on conflict (a) do update set b = excluded.nope
--
insert into t (a, b) values (1, 'x') on conflict (a) do update set (b, c) = (excluded.b, 5) returning *
--
insert into t (a, b) values (1, 'x') on conflict (a desc) do nothing
--
insert into u (a, b) values (1, 'x') on conflict (b) do update set a = $1 returning a
--
insert into wide (ai[1], ai[2]) values (1, 2)
--
insert into wide (pr.x, pr.y) values (1, 'x')
--
insert into wide (pr.z) values (1)
--
insert into wide (i4.x) values (1)
--
insert into wide (m, p, st) values ('sad', 5, 'x')
--
insert into wide (m) values ('angry')
--
insert into wide (vc, ch, n, iv) values ('x', 'y', 5, '1 day')
--
insert into wide (js, jb, uu, by) values ('{}', '{}', '00000000-0000-0000-0000-000000000000', 'x')
--
insert into wide (i2, i8, f4) values ($1, $2, $3)
--
insert into wide (dt, ts) values (now(), current_date)
--
insert into wide (at) values (array[1, 2])
--
insert into wide (ai) values ('{1,2}'), (array[]::int[])
--
insert into nope values (1)
--
insert into tv (a) select 'x'
--
insert into pg_class values (1)
--
insert into def values (default, default, default, default)
--
insert into def (id) values (default) returning id, n, m
--
insert into t (a) overriding system value values (1)
--
insert into t (a, b) values ((1, 'x'))
--
update t set a = 1
--
update t set a = 'x'
--
update t set a = b
--
update t set b = a
--
update t set nope = 1
--
update t set a = 1, a = 2
--
update t set a = default, b = default
--
update t set (a, b) = (1, 'x')
--
update t set (a, b) = (1)
--
update t set (a, b) = row(1, 'x', 2)
--
update t set (a, b) = (select 1, 'x')
--
update t set (a, b) = (select 1)
--
update t set (a, b) = (select u.a, u.b from u where u.a = t.a)
--
update t set (a, b) = 5
--
update t set a = u.a from u where u.b = t.b
--
update t set a = a + 1 from t x where x.a = t.a
--
update t set a = u.a from u join t on true
--
update t x set a = x.a + 1 where t.b = 'x'
--
update t x set a = 1 where x.b = 'x' returning x.*, a + 1
--
update t set t.a = 1
--
update t set a = sum(a)
--
update t set a = row_number() over ()
--
update t set a = (select max(a) from u) where a = $1 and b = $2
--
update t set b = $1 where a = $2 returning b
--
update t set a = 1 where b
--
update t set a = 1 from u, lateral (select t.a) x
--
update wide set ai[1] = 5, ai[2] = 6
--
update wide set ai[1:2] = array[1, 2], pr.x = 1
--
update wide set ai['x'] = 5
--
update wide set ai[1] = 'x'
--
update wide set ai[1] = now()
--
update wide set pr.x = 'x'
--
update wide set pr.z = 1
--
update wide set jb['a'] = '5', jb['b']['c'] = to_jsonb(1)
--
update wide set i4[1] = 1
--
update wide set ai = array[1], ai[1] = 2
--
update wide set m = 'happy', p = p + 1, st = 'y' where m = 'sad'
--
update wide set vc = i4, n = i4, i4 = n, i2 = i4, f4 = f8, ts = dt, dt = ts
--
update wide set i4 = tx
--
update wide set dt = 5
--
update nope set a = 1
--
update tv set a = 'x'
--
update t set ctid = '(0,0)'
--
delete from t
--
delete from t where a = 1
--
delete from t where a
--
delete from t x where t.a = 1
--
delete from t using u where u.a = t.a returning t.*, u.b
--
delete from t using t
--
delete from t where a in (select a from u) and b = $1
--
delete from t where sum(a) > 1
--
delete from nope
--
delete from t returning nope
--
delete from t using lateral (select t.a) x
--
with x as (select a from u) update t set a = x.a from x where x.a = t.a
--
with x as (select 1 as a) insert into t (a) select a from x returning a
--
with x as (update t set a = 1 returning a) select * from x
--
explain select * from t
--
create table nt as select a, b from t
--
