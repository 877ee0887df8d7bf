//! One program, so that what it needs is linked once. Its tests' tables have the same names: they
//! run one after the other.
mod cluster;
mod connector;
mod tokio_postgres;
