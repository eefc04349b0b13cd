"""What Airflow's server shows: `airworthy_plugin.py` registers, `airworthy` is the control plane and the console."""
