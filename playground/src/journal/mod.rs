//! Measurements that outlive the process, in SQLite.
