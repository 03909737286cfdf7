"""From a task to its expansion; surveys over tasks (Schuessler et al. 2020, section 3)."""
