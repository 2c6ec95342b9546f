"""The part of GitLab's GraphQL API that reads what the wizard looks at. Imported only when it is asked."""
