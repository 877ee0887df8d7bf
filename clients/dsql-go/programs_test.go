// What a program does on a pool, whoever made it.
package dsqlgo

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/awslabs/aurora-dsql-connectors/go/pgx/occretry"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// opener makes a pool for a user, whose sessions look into a schema; the test closes it.
type opener func(t *testing.T, user, schema string, size int32) *pgxpool.Pool

func runPrograms(t *testing.T, open opener) {
	for name, program := range map[string]func(*testing.T, *pgxpool.Pool, string, string){
		"many at once":          servesManyAtOnce,
		"tables and changes":    changesTables,
		"a retried conflict":    retriesConflict,
		"a conflict":            losesConflict,
		"many conflicts":        losesNoIncrement,
		"anothers definition":   meetsDefinition,
		"what drivers describe": describesTypes,
	} {
		t.Run(name, func(t *testing.T) {
			eachUser(t, func(t *testing.T, user, schema string) {
				program(t, open(t, user, schema, 8), user, schema)
			})
		})
	}
}

func servesManyAtOnce(t *testing.T, pool *pgxpool.Pool, user, schema string) {
	var workers sync.WaitGroup
	for worker := range 8 {
		workers.Add(1)
		go func() {
			defer workers.Done()
			var answer int
			var me, path string
			row := pool.QueryRow(t.Context(),
				"SELECT $1::int, current_user, current_schema() FROM pg_sleep(0.05)", worker)
			if err := row.Scan(&answer, &me, &path); err != nil {
				t.Error(err)
			} else if answer != worker || me != user || path != schema {
				t.Errorf("worker %d got %d, %s, %s", worker, answer, me, path)
			}
		}()
	}
	workers.Wait()
	if pool.Stat().TotalConns() < 2 {
		t.Error("one connection served them all")
	}
}

type owner struct {
	Name, City string
	Telephone  *string
}

func changesTables(t *testing.T, pool *pgxpool.Pool, _, schema string) {
	ctx := t.Context()
	exec(t, pool, `CREATE TABLE IF NOT EXISTS owner (
		id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
		name VARCHAR(30) NOT NULL, city VARCHAR(80) NOT NULL, telephone VARCHAR(20))`)
	job := selectOne[string](t, pool, "CREATE INDEX ASYNC owner_city ON owner (city)")
	exec(t, pool, "CALL sys.wait_for_job('"+job+"')")
	equal(t, selectOne[string](t, pool,
		"SELECT schemaname FROM pg_indexes WHERE indexname = $1", "owner_city"), schema)
	db := occretry.New(pool, occretry.DefaultConfig())
	ok(t, db.WithTransaction(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO owner (name, city, telephone) VALUES ($1, $2, $3)",
			"John Doe", "Anytown", nil)
		return err
	}))
	ok(t, retrying(ctx, func() error {
		batch := &pgx.Batch{}
		for _, name := range []string{"Ann", "Ben"} {
			batch.Queue("INSERT INTO owner (name, city) VALUES ($1, 'Here')", name)
		}
		return pool.SendBatch(ctx, batch).Close()
	}))
	var found []owner
	ok(t, retrying(ctx, func() error {
		rows, err := pool.Query(ctx,
			"SELECT name, city, telephone FROM owner WHERE city = $1", "Anytown")
		if err != nil {
			return err
		}
		found, err = pgx.CollectRows(rows, pgx.RowToStructByPos[owner])
		return err
	}))
	equal(t, len(found), 1)
	equal(t, found[0], owner{"John Doe", "Anytown", nil})
	changedMyMind := errors.New("changed my mind")
	equal(t, db.WithTransaction(ctx, func(tx pgx.Tx) error {
		if tag, err := tx.Exec(ctx, "DELETE FROM owner"); err != nil || tag.RowsAffected() != 3 {
			t.Errorf("deleted %v, %v", tag, err)
		}
		return changedMyMind
	}), changedMyMind)
	equal(t, selectOne[int](t, pool, "SELECT count(*) FROM owner"), 3)
	_, err := db.Exec(ctx, "INSERT INTO owner SELECT * FROM owner")
	refused(t, err, "23505", "duplicate key")
	exec(t, pool, "DROP TABLE owner")
	_, err = db.Exec(ctx, "SELECT * FROM owner")
	refused(t, err, "42P01", `relation "owner" does not exist`)
}

// withCounter gives a row to increment, and a count of who tried.
func withCounter(t *testing.T, pool *pgxpool.Pool, test func(increment func(pgx.Tx) error),
	attempts *atomic.Int32, between func()) int {
	ctx := t.Context()
	exec(t, pool, "CREATE TABLE counter (id INT PRIMARY KEY, value INT NOT NULL)")
	defer exec(t, pool, "DROP TABLE counter")
	exec(t, pool, "INSERT INTO counter VALUES (1, 0)")
	test(func(tx pgx.Tx) error {
		var value int
		row := tx.QueryRow(ctx, "SELECT value FROM counter WHERE id = 1")
		if err := row.Scan(&value); err != nil {
			return err
		}
		if attempts.Add(1) == 1 {
			between()
		}
		_, err := tx.Exec(ctx, "UPDATE counter SET value = $1 WHERE id = 1", value+1)
		return err
	})
	return selectOne[int](t, pool, "SELECT value FROM counter")
}

func interfering(t *testing.T, pool *pgxpool.Pool) func() {
	return func() { exec(t, pool, "UPDATE counter SET value = value + 10") }
}

// The connection that retries has seen the table: the same pool made it.
func retriesConflict(t *testing.T, pool *pgxpool.Pool, _, _ string) {
	var attempts atomic.Int32
	value := withCounter(t, pool, func(increment func(pgx.Tx) error) {
		db := occretry.New(pool, occretry.DefaultConfig())
		ok(t, db.WithTransaction(t.Context(), increment))
	}, &attempts, interfering(t, pool))
	equal(t, value, 11)
	equal(t, attempts.Load(), 2)
}

func losesConflict(t *testing.T, pool *pgxpool.Pool, _, _ string) {
	var attempts atomic.Int32
	value := withCounter(t, pool, func(increment func(pgx.Tx) error) {
		db := occretry.New(pool, occretry.DefaultConfig())
		err := db.WithTransaction(occretry.NoRetry(t.Context()), increment)
		refused(t, err, "40001", "change conflicts with another transaction (OC000)")
		if !occretry.IsOCCError(err) {
			t.Error("the connector does not see a conflict")
		}
	}, &attempts, interfering(t, pool))
	equal(t, value, 10)
	equal(t, attempts.Load(), 1)
}

func losesNoIncrement(t *testing.T, pool *pgxpool.Pool, _, _ string) {
	var attempts atomic.Int32
	patient := occretry.DefaultConfig()
	patient.MaxRetries = 100
	patient.InitialWait = time.Millisecond
	patient.MaxWait = 50 * time.Millisecond
	value := withCounter(t, pool, func(increment func(pgx.Tx) error) {
		var workers sync.WaitGroup
		for range 8 {
			workers.Add(1)
			go func() {
				defer workers.Done()
				if err := occretry.WithRetry(t.Context(), pool, patient, increment); err != nil {
					t.Error(err)
				}
			}()
		}
		workers.Wait()
	}, &attempts, func() {})
	equal(t, value, 8)
}

func meetsDefinition(t *testing.T, pool *pgxpool.Pool, _, _ string) {
	ctx := t.Context()
	first, err := pool.Acquire(ctx)
	ok(t, err)
	defer first.Release()
	second, err := pool.Acquire(ctx)
	ok(t, err)
	defer second.Release()
	ok(t, retrying(ctx, func() error { return second.QueryRow(ctx, "SELECT 1").Scan(nil) }))
	_, err = first.Exec(ctx, "CREATE TABLE thing (id INT PRIMARY KEY)")
	ok(t, err)
	_, err = second.Exec(ctx, "SELECT * FROM thing")
	refused(t, err, "40001", "schema has been updated by another transaction (OC001)")
	_, err = second.Exec(ctx, "SELECT * FROM thing")
	ok(t, err)
	_, err = second.Exec(ctx, "DROP TABLE thing")
	ok(t, err)
}

func describesTypes(t *testing.T, pool *pgxpool.Pool, _, _ string) {
	day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	var (
		sum  int64
		when time.Time
		text string
		list []int32
		data map[string]any
	)
	row := pool.QueryRow(t.Context(), `SELECT $1::bigint + 1, $2::date, $3, $4::int[],
		'{"a": {"b": 2}}'::jsonb`, int64(1)<<40, day, "untyped", []int32{1, 2, 3})
	ok(t, row.Scan(&sum, &when, &text, &list, &data))
	equal(t, sum, 1<<40+1)
	equal(t, when, day)
	equal(t, text, "untyped")
	equal(t, len(list), 3)
	equal(t, data["a"].(map[string]any)["b"], any(2.0))
}
