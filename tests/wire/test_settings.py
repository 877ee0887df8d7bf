"""Settings that sessions begin with: those kept for a role or the database, below those the client
asks for."""

from wire.raw import Raw


def shown(session, name):
    return session.query(f"show {name}")[0][0]


def test_settings_of_role_and_database_hold_in_new_sessions(server):
    with Raw(server) as admin:
        admin.query("create role wire_set login")
        admin.query("alter role wire_set set work_mem = '2MB'")
        admin.query("alter role wire_set set search_path = wire_s, public")
        admin.query("alter role wire_set set timezone = 'Europe/Paris'")
        admin.query("alter role wire_set in database postgres set work_mem = '3MB'")
        admin.query("alter database postgres set work_mem = '1MB'")
        admin.query("alter database postgres set lock_timeout = '1s'")
        admin.query("alter role all set lock_timeout = '2s'")
        admin.query("alter role all set application_name = 'everybody'")
        with Raw(server, user="wire_set") as w:
            assert shown(w, "work_mem") == "3MB"
            assert shown(w, "search_path") == "wire_s, public"
            assert shown(w, "lock_timeout") == "1s"
            assert shown(w, "application_name") == "everybody"
            assert w.parameters["TimeZone"] == "Europe/Paris"
            w.query("set work_mem = '9MB'")
            w.query("reset work_mem")
            assert shown(w, "work_mem") == "3MB"
        with Raw(server, user="wire_set", application_name="mine", options="-c work_mem=5MB") as w:
            assert shown(w, "work_mem") == "5MB"
            assert shown(w, "application_name") == "mine"
        with Raw(server) as other:
            assert shown(other, "work_mem") == "1MB"
            assert shown(other, "search_path") == '"$user", public'
        admin.query("alter database postgres reset all")
        admin.query("alter role all reset all")
        admin.query("drop role wire_set")
        with Raw(server) as other:
            assert shown(other, "work_mem") == "4MB"


def test_a_stored_setting_that_has_become_wrong_is_warned_of(server):
    with Raw(server) as admin:
        admin.query("create role wire_set login")
        admin.query("create role wire_other")
        admin.query("alter role wire_set set role = wire_other")
        admin.query("alter role wire_set set work_mem = '3MB'")
        with Raw(server, user="wire_set") as w:
            assert w.query("select current_user") == [("wire_set",)]
            assert shown(w, "work_mem") == "3MB"
        admin.query("grant wire_other to wire_set")
        with Raw(server, user="wire_set") as w:
            assert w.query("select current_user, session_user") == [("wire_other", "wire_set")]
            w.query("reset role")
            assert w.query("select current_user") == [("wire_other",)]
        admin.query("drop role wire_set, wire_other")
