"""What is typed: the command `corridor`, one thin module per subcommand. Only here is anything printed."""
