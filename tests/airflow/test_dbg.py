from __future__ import annotations
import pytest
from sqlalchemy import text
pytestmark = [pytest.mark.airflow, pytest.mark.xdist_group("stack"), pytest.mark.timeout(600)]
def test_x(stack):
    for _ in range(2):
        run=stack.run("everything")
        with stack.database.session() as se:
            print("TABLES")
            for q in ("select e.email, e.is_primary, e.is_active, b.*, g.username from cppa_user_tracker_email e join cppa_user_tracker_baseprofile b on b.id=e.base_profile_id left join cppa_user_tracker_githubaccount g on g.baseprofile_ptr_id=b.id order by e.email",):
                print(*se.execute(text(q)).mappings().all(), sep="\n")
        print(stack.content()["cppa_user_tracker_email"])
        stack.reset()
