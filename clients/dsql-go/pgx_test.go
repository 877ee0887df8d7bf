// pgx by itself, with tokens of AWS's SDK made before each connection.
package dsqlgo

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/dsql/auth"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// tokensBeforeConnect is a pool's configuration whose hook signs for a host.
func tokensBeforeConnect(t *testing.T, user, schema, signedHost string,
	key aws.CredentialsProvider) *pgxpool.Config {
	t.Helper()
	if key == nil {
		loaded, err := config.LoadDefaultConfig(t.Context(), config.WithRegion(region))
		ok(t, err)
		key = loaded.Credentials
	}
	made, err := pgxpool.ParseConfig(fmt.Sprintf("postgres://%s@%s:%d/postgres?sslmode=verify-full"+
		"&sslnegotiation=direct&search_path=%s", user, host, port, schema))
	ok(t, err)
	made.BeforeConnect = func(ctx context.Context, connection *pgx.ConnConfig) (err error) {
		sign := auth.GenerateDbConnectAuthToken
		if user == "admin" {
			sign = auth.GenerateDBConnectAdminAuthToken
		}
		connection.Password, err = sign(ctx, signedHost, region, key)
		return err
	}
	return made
}

func openByHook(t *testing.T, user, schema string, size int32) *pgxpool.Pool {
	t.Helper()
	made := tokensBeforeConnect(t, user, schema, host, nil)
	made.MaxConns = size
	pool, err := pgxpool.NewWithConfig(t.Context(), made)
	ok(t, err)
	t.Cleanup(pool.Close)
	return pool
}

func TestPgx(t *testing.T) { runPrograms(t, openByHook) }

// Without prepared statements: one message, everything as text.
func TestPgxSimpleProtocol(t *testing.T) {
	eachUser(t, func(t *testing.T, user, schema string) {
		made := tokensBeforeConnect(t, user, schema, host, nil)
		made.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
		pool, err := pgxpool.NewWithConfig(t.Context(), made)
		ok(t, err)
		t.Cleanup(pool.Close)
		equal(t, selectOne[string](t, pool, "SELECT current_schema() || $1::text", "'"), schema+"'")
	})
}

func TestPgxIsRefused(t *testing.T) {
	other := fmt.Sprintf("zzzzzzzzzzzzzzzzzzzzzzzzzz.dsql.%s.on.aws", region)
	for name, made := range map[string]*pgxpool.Config{
		"unknown key":           tokensBeforeConnect(t, "admin", "public", host, unknownKey),
		"another's token":       tokensBeforeConnect(t, "admin", "public", other, nil),
		"a user without a role": tokensBeforeConnect(t, "nobody", "public", host, nil),
	} {
		t.Run(name, func(t *testing.T) {
			pool, err := pgxpool.NewWithConfig(t.Context(), made)
			ok(t, err)
			defer pool.Close()
			refused(t, pool.Ping(t.Context()), "08006", "unable to accept connection, access denied")
		})
	}
}
