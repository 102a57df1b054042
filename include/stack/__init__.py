"""Running everything on one machine: ``make demo``, ``make up`` and ``make down``.

The stack is the embedded PostgreSQL, Airflow's four components and, for the demo, the sandbox server, under a small
supervisor. Everything it keeps lies below one folder: the workspace for ``up``, ``demo`` in it for the demo.
"""
