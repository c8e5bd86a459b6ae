"""What chance decides: streams by name, mean-one factors, arrivals, weather; drawn before the run."""
