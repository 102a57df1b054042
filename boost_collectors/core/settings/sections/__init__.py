"""The fields of ``Settings``, a class per section. A variable is added here and nowhere else."""
