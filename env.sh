export PATH=/work/main/.venv/bin:$PATH PYTHONPATH=/work/w3; unset PYTHONDONTWRITEBYTECODE; cd /work/w3
