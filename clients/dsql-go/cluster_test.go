// Package dsqlgo runs Aurora DSQL's connector for pgx, and pgx with tokens of AWS's SDK, against
// the cluster that the environment describes (tests/clients/dsql.py).
package dsqlgo

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/awslabs/aurora-dsql-connectors/go/pgx/occretry"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

var (
	host   = given("CLUSTER_ENDPOINT")
	id     = given("CLUSTER_ID")
	region = given("REGION")
	port   = number(given("CLUSTER_PORT"))
)

// Who comes in, with which schema.
var users = []struct{ user, schema string }{
	{given("CLUSTER_USER"), "public"},
	{given("CLUSTER_APP_USER"), "myschema"},
}

// A key nobody has given out.
var unknownKey = credentials.NewStaticCredentialsProvider(
	"AKIAAAAAAAAAAAAAAAAA", "not the secret", "")

func given(name string) string {
	value := os.Getenv(name)
	if value == "" {
		panic(name + " is not set")
	}
	return value
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return value
}

func eachUser(t *testing.T, test func(t *testing.T, user, schema string)) {
	for _, one := range users {
		t.Run(one.user, func(t *testing.T) { test(t, one.user, one.schema) })
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, got, wanted T) {
	t.Helper()
	if got != wanted {
		t.Fatalf("got %v, wanted %v", got, wanted)
	}
}

// refused wants the server's own refusal.
func refused(t *testing.T, err error, code, message string) {
	t.Helper()
	var answer *pgconn.PgError
	if !errors.As(err, &answer) {
		t.Fatalf("the server did not refuse: %v", err)
	}
	equal(t, answer.Code, code)
	if !strings.Contains(answer.Message, message) {
		t.Fatalf("%q is not in %q", message, answer.Message)
	}
}

// retrying runs what may meet another session's definition, which every session does once: OC001.
func retrying(ctx context.Context, work func() error) error {
	return occretry.Retry(ctx, occretry.DefaultConfig(), work)
}

func exec(t *testing.T, pool *pgxpool.Pool, sql string, arguments ...any) {
	t.Helper()
	ok(t, occretry.ExecWithRetry(t.Context(), pool, occretry.DefaultConfig(), sql, arguments...))
}

func selectOne[T any](t *testing.T, pool *pgxpool.Pool, sql string, arguments ...any) T {
	t.Helper()
	var value T
	ok(t, retrying(t.Context(), func() error {
		return pool.QueryRow(t.Context(), sql, arguments...).Scan(&value)
	}))
	return value
}
