"""What the commands that stay do before they begin."""

import resource

from gateway.cli.serve import raise_file_limit


def test_more_files_may_be_open_than_a_shell_allows() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard == resource.RLIM_INFINITY or hard > 1024
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 1024), hard))
        raise_file_limit()
        raised, kept = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert raised > 1024
        assert kept == hard
        raise_file_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (raised, kept)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
