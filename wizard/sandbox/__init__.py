"""A simulated GitLab over real HTTP, for the demo and the tests.

It answers with GitLab's status codes, bodies, roles and validation texts, for what the wizard touches or reads. What
it does not simulate it answers with 501 and says so; a path that GitLab's API does not have is GitLab's 404. State
lives in memory for one server's life. Known differences from a real GitLab:

* **Nothing runs.** There are no runners, and a pipeline that is made from the configuration waits forever; retry, play,
  cancel and the like are 501. Running jobs stand in the world, or are started by the control call
  `POST /-/sandbox/jobs`, which plays the moment after a start: it does not ask whether that person may run pipelines on
  that ref. Schedules only tell when they would run.
* **Pipelines** are what jobs have in common. Times are those of the world's start, a job has no runner, artifacts or
  duration worth the name. Merge request pipelines are not made, and `rules:changes` holds always.
* **Variables of a job** are those that GitLab gives. What a runner adds (`CI_RUNNER_*`, `CI_PROJECT_DIR`, …), dotenv,
  the configuration's own `variables` and those of a manual run are missing. Of two wildcard scopes that cover an
  environment the longer one wins; GitLab leaves that to chance.
* **CI lint** checks stages, needs, scripts, rules, includes and the shape of each keyword in GitLab's words. It does
  not look into `only`, `except`, `secrets`, `id_tokens`, `release`, `run`, `inputs` and `trigger`, fetches no `remote`,
  `template` or `component`, and no include with `rules` or `inputs` (501).
* **Members** have one role each; shares with groups, custom roles and requests for access do not exist. Anybody who
  sees a project sees its jobs (`public_jobs` is always on).
* **Git** has no merge commits, no binary files and no annotated tags; a tag follows its branch when a world is exported
  and set again. Branches and tags are protected by role only.
* **Limits** that are counted: variables, allowlists, requests per user. Not counted: bodies, files, schedules.
* **The server side of agents** is announced where a world has agents, and named in `KUBECONFIG`; nothing answers there.
* **The registry** of a world holds digests, no content: a manifest is a stand-in that agrees with the API but whose own
  hash is another one, blobs and writes are 501. A real registry behind `--signing-key` keeps its own images; the world
  learns of a repository when a push to it is granted. Tag protection is handed to the registry in the token, as GitLab
  does; only GitLab's own registry obeys it.
* **GraphQL** serves the queries that `graphql/schema.graphql` names, no mutation (501). Complexity is counted by
  GitLab's rule for fields with a resolver. What is wrong with a query is told in other words than GitLab's.
* **OAuth** knows the device grant and refreshing its tokens. There are no pages: the control call
  `POST /-/sandbox/device/USER_CODE` plays the person in the browser.
* **Entities** carry the fields that GitLab documents; counters of stars, forks and the like are zero.
"""
