"""Links from tasks to the pages of the console."""
