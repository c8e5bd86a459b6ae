"""What is kept: runs, comparisons and figures on disk, and SQL over them. Only here are files written."""
