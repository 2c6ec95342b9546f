"""What follows from the answers and the state, resource by resource; `wizard.plan` puts it in order."""
