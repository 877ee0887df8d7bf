// Aurora DSQL's connector for pgx.
package dsqlgo

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/awslabs/aurora-dsql-connectors/go/pgx/dsql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func openByConnector(t *testing.T, user, schema string, size int32) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig("")
	ok(t, err)
	config.MaxConns = size
	config.AfterConnect = func(ctx context.Context, session *pgx.Conn) error {
		_, err := session.Exec(ctx, "SET search_path = "+schema)
		return err
	}
	pool, err := dsql.NewPool(t.Context(), dsql.Config{Host: host, Port: port, User: user}, config)
	ok(t, err)
	t.Cleanup(pool.Close)
	return pool
}

func TestConnector(t *testing.T) { runPrograms(t, openByConnector) }

func TestConnectorFindsTheCluster(t *testing.T) {
	for name, config := range map[string]any{
		"host":      dsql.Config{Host: host, Port: port},
		"id":        dsql.Config{Host: id, Port: port, Region: region},
		"id alone":  &dsql.Config{Host: id, Port: port},
		"profile":   dsql.Config{Host: host, Port: port, Profile: "default"},
		"short":     dsql.Config{Host: host, Port: port, TokenDurationSecs: 10},
		"string":    fmt.Sprintf("postgres://admin@%s:%d/postgres?region=%s", host, port, region),
		"dsql":      fmt.Sprintf("dsql://%s:%d?tokenDurationSecs=30", host, port),
		"id string": fmt.Sprintf("postgresql://admin@%s:%d/postgres", id, port),
	} {
		t.Run(name, func(t *testing.T) {
			session, err := dsql.Connect(t.Context(), config)
			ok(t, err)
			defer session.Close(t.Context())
			var user, application string
			row := session.QueryRow(t.Context(),
				"SELECT current_user, current_setting('application_name')")
			ok(t, row.Scan(&user, &application))
			equal(t, user, "admin")
			equal(t, application, dsql.ApplicationName)
		})
	}
}

func TestConnectorIsRefused(t *testing.T) {
	for name, config := range map[string]dsql.Config{
		"unknown key":  {Host: host, Port: port, CustomCredentialsProvider: unknownKey},
		"unknown user": {Host: host, Port: port, User: "nobody"},
		"wrong region": {Host: host, Port: port, Region: "eu-west-1"},
		"no cluster":   {Host: given("OTHER_CLUSTER_ENDPOINT"), Port: port},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := dsql.Connect(t.Context(), config)
			refused(t, err, "08006", "unable to accept connection, access denied")
			if strings.Contains(err.Error(), "X-Amz") {
				t.Error("the refusal shows the token")
			}
		})
	}
}

func TestConnectorChecksTheName(t *testing.T) {
	_, err := dsql.Connect(t.Context(), dsql.Config{
		Host: given("OTHER_REGION_ENDPOINT"), Port: port})
	var wrong x509.HostnameError
	if !errors.As(err, &wrong) {
		t.Fatalf("the name was not checked: %v", err)
	}
}
