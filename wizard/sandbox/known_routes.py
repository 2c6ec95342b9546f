"""Routes that GitLab has and the sandbox does not simulate: one line each, methods then rule (`doc/api`).

A route that is served here takes precedence; a line that overlaps with it stands for the other methods.
"""

KNOWN = """
GET POST /projects
POST /projects/user/<user_id>
GET PUT DELETE /projects/<id>
POST /projects/<id>/fork
GET /projects/<id>/forks
POST /projects/<id>/star
POST /projects/<id>/unstar
POST /projects/<id>/archive
POST /projects/<id>/unarchive
POST /projects/<id>/restore
POST /projects/<id>/housekeeping
PUT /projects/<id>/transfer
GET /projects/<id>/transfer_locations
POST DELETE /projects/<id>/share
DELETE /projects/<id>/share/<group_id>
GET /projects/<id>/users
GET /projects/<id>/groups
GET /projects/<id>/invited_groups
GET /projects/<id>/shared_groups
GET /projects/<id>/languages
GET /projects/<id>/statistics
GET POST /projects/<id>/hooks
GET PUT DELETE /projects/<id>/hooks/<hook_id>
GET POST DELETE /projects/<id>/push_rule
GET POST /projects/<id>/members
GET PUT DELETE /projects/<id>/members/<user_id>
GET POST /projects/<id>/invitations
GET POST /projects/<id>/access_requests
GET POST /projects/<id>/access_tokens
GET DELETE /projects/<id>/access_tokens/<token_id>
POST /projects/<id>/access_tokens/<token_id>/rotate
GET POST /projects/<id>/deploy_keys
GET PUT DELETE /projects/<id>/deploy_keys/<key_id>
GET POST /projects/<id>/triggers
GET PUT DELETE /projects/<id>/triggers/<trigger_id>
POST /projects/<id>/trigger/pipeline
GET POST /projects/<id>/runners
DELETE /projects/<id>/runners/<runner_id>
GET POST /projects/<id>/issues
GET PUT DELETE /projects/<id>/issues/<issue_iid>
GET POST /projects/<id>/labels
GET PUT DELETE /projects/<id>/labels/<label_id>
GET POST /projects/<id>/milestones
GET POST /projects/<id>/releases
GET PUT DELETE /projects/<id>/releases/<tag_name>
GET POST /projects/<id>/snippets
GET POST /projects/<id>/wikis
GET POST /projects/<id>/packages
GET DELETE /projects/<id>/packages/<package_id>
GET POST /projects/<id>/protected_branches
GET PATCH DELETE /projects/<id>/protected_branches/<name>
GET POST /projects/<id>/protected_tags
GET DELETE /projects/<id>/protected_tags/<name>
GET POST /projects/<id>/protected_environments
GET PUT DELETE /projects/<id>/protected_environments/<name>
GET PUT /projects/<id>/approvals
GET POST /projects/<id>/approval_rules
GET /projects/<id>/registry/repositories
GET DELETE /projects/<id>/registry/repositories/<repository_id>
GET DELETE /projects/<id>/registry/repositories/<repository_id>/tags
GET DELETE /projects/<id>/registry/repositories/<repository_id>/tags/<tag_name>
GET POST /projects/<id>/registry/protection/tag/rules
GET POST /projects/<id>/registry/protection/repository/rules
PATCH DELETE /projects/<id>/registry/protection/repository/rules/<rule_id>
GET POST /projects/<id>/packages/protection/rules
GET POST /projects/<id>/repository/branches
GET DELETE HEAD /projects/<id>/repository/branches/<branch>
DELETE /projects/<id>/repository/merged_branches
GET POST /projects/<id>/repository/commits
GET /projects/<id>/repository/commits/<sha>
GET /projects/<id>/repository/commits/<sha>/diff
GET /projects/<id>/repository/commits/<sha>/refs
GET /projects/<id>/repository/commits/<sha>/statuses
GET /projects/<id>/repository/commits/<sha>/merge_requests
POST /projects/<id>/repository/commits/<sha>/cherry_pick
POST /projects/<id>/repository/commits/<sha>/revert
POST /projects/<id>/statuses/<sha>
GET /projects/<id>/repository/tree
GET /projects/<id>/repository/blobs/<sha>
GET /projects/<id>/repository/blobs/<sha>/raw
GET /projects/<id>/repository/archive
GET /projects/<id>/repository/compare
GET /projects/<id>/repository/contributors
GET /projects/<id>/repository/merge_base
GET POST /projects/<id>/repository/tags
GET DELETE /projects/<id>/repository/tags/<tag_name>
GET HEAD POST PUT DELETE /projects/<id>/repository/files/<file_path>
GET HEAD /projects/<id>/repository/files/<file_path>/raw
GET HEAD /projects/<id>/repository/files/<file_path>/blame
GET POST /projects/<id>/merge_requests
GET PUT DELETE /projects/<id>/merge_requests/<iid>
PUT /projects/<id>/merge_requests/<iid>/merge
PUT /projects/<id>/merge_requests/<iid>/rebase
GET /projects/<id>/merge_requests/<iid>/changes
GET /projects/<id>/merge_requests/<iid>/diffs
GET /projects/<id>/merge_requests/<iid>/commits
GET POST /projects/<id>/merge_requests/<iid>/pipelines
GET POST /projects/<id>/merge_requests/<iid>/notes
GET POST /projects/<id>/merge_requests/<iid>/discussions
GET POST /projects/<id>/merge_requests/<iid>/approvals
POST /projects/<id>/merge_requests/<iid>/approve
GET POST /projects/<id>/ci/lint
POST /projects/<id>/pipeline
GET /projects/<id>/pipelines
GET /projects/<id>/pipelines/latest
GET DELETE /projects/<id>/pipelines/<pipeline_id>
GET /projects/<id>/pipelines/<pipeline_id>/jobs
GET /projects/<id>/pipelines/<pipeline_id>/bridges
GET /projects/<id>/pipelines/<pipeline_id>/variables
GET /projects/<id>/pipelines/<pipeline_id>/test_report
POST /projects/<id>/pipelines/<pipeline_id>/retry
POST /projects/<id>/pipelines/<pipeline_id>/cancel
GET POST /projects/<id>/pipeline_schedules
GET PUT DELETE /projects/<id>/pipeline_schedules/<schedule_id>
POST /projects/<id>/pipeline_schedules/<schedule_id>/play
POST /projects/<id>/pipeline_schedules/<schedule_id>/take_ownership
POST /projects/<id>/pipeline_schedules/<schedule_id>/variables
PUT DELETE /projects/<id>/pipeline_schedules/<schedule_id>/variables/<key>
GET /projects/<id>/jobs
GET /projects/<id>/jobs/<job_id>
GET /projects/<id>/jobs/<job_id>/trace
GET DELETE /projects/<id>/jobs/<job_id>/artifacts
POST /projects/<id>/jobs/<job_id>/retry
POST /projects/<id>/jobs/<job_id>/cancel
POST /projects/<id>/jobs/<job_id>/play
POST /projects/<id>/jobs/<job_id>/erase
GET POST /projects/<id>/environments
GET PUT DELETE /projects/<id>/environments/<environment_id>
POST /projects/<id>/environments/<environment_id>/stop
GET /projects/<id>/deployments
GET POST /projects/<id>/cluster_agents
GET DELETE /projects/<id>/cluster_agents/<agent_id>
GET POST /projects/<id>/cluster_agents/<agent_id>/tokens
GET POST /projects/<id>/secure_files
GET POST /projects/<id>/feature_flags
GET POST /projects/<id>/remote_mirrors
GET PUT /projects/<id>/integrations/<slug>
GET /projects/<id>/integrations
GET /projects/<id>/events
GET /projects/<id>/audit_events
POST /projects/<id>/export
GET /projects/<id>/export
GET POST /groups
GET PUT DELETE /groups/<id>
GET /groups/<id>/subgroups
GET /groups/<id>/descendant_groups
POST /groups/<id>/transfer
POST /groups/<id>/share
POST /groups/<id>/restore
GET POST /groups/<id>/members
GET PUT DELETE /groups/<id>/members/<user_id>
GET POST /groups/<id>/access_tokens
GET POST /groups/<id>/hooks
GET /groups/<id>/issues
GET /groups/<id>/merge_requests
GET POST /groups/<id>/labels
GET POST /groups/<id>/milestones
GET /groups/<id>/packages
GET /groups/<id>/registry/repositories
GET /groups/<id>/runners
GET PUT /groups/<id>/push_rule
GET /registry/repositories/<repository_id>
GET POST /users
GET PUT DELETE /users/<user_id>
GET /users/<user_id>/projects
GET POST /user/keys
GET /user/preferences
GET POST /users/<user_id>/personal_access_tokens
GET /personal_access_tokens
DELETE /personal_access_tokens/self
POST /personal_access_tokens/self/rotate
GET /personal_access_tokens/self/associations
GET DELETE /personal_access_tokens/<token_id>
POST /personal_access_tokens/<token_id>/rotate
GET PUT /application/settings
GET POST /application/appearance
GET POST /applications
GET POST /runners
GET /runners/all
GET PUT DELETE /runners/<runner_id>
GET /namespaces
GET /namespaces/<id>
GET /namespaces/<id>/exists
GET /merge_requests
GET /issues
GET /events
GET POST /hooks
GET /search
GET /job
GET /job/allowed_agents
GET /todos
GET POST /snippets
GET POST /topics
GET /templates/gitlab_ci_ymls
GET /templates/gitlab_ci_ymls/<name>
GET /templates/dockerfiles
GET /templates/dockerfiles/<name>
GET POST /license
GET POST /broadcast_messages
GET POST /features
POST /markdown
GET /avatar
GET POST /deploy_keys
GET /deploy_tokens
"""
