"""The kernel's side: submit a task to whoever runs tasks here, follow it, show it, wait for it."""
