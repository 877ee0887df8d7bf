"""What became of a client program's tests."""

import results


def conclude(suite, server, secrets, done, counts):
    """Prints what the ended process `done` said, and records its tests' counts as `counts` finds
    them in that; with two tests more: the server lives, and its log shows none of the secrets.
    Returns the exit code."""
    print(done.stdout)
    passed, failed = counts(done.stdout)
    if done.returncode != 0 and failed == 0:
        failed = 1
    log = server.log_text(1 << 30)
    shown = [text for text in secrets if text in log]
    alive = server.alive()
    print(f"{'FAIL' if shown else 'ok  '} the server's log shows no secret", *shown)
    print("ok   the server lives" if alive else f"FAIL the server ended:\n{log[-5000:]}")
    passed, failed = passed + (not shown) + alive, failed + bool(shown) + (not alive)
    print(f"client tests: {passed} passed, {failed} failed")
    results.record(suite, passed, failed)
    return 1 if failed else 0
