module load-variation

go 1.24
