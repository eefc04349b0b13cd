"""The suite on one machine: set-up, processes, and the demo.

Set-up (standard library only: it runs before anything is installed)
    ``install`` the entry of every ``make`` verb · ``interpreter`` which Python ·
    ``environments`` the two virtual environments · ``stamps`` what is already done ·
    ``guard`` one set-up at a time · ``preparation`` databases and connections ·
    ``console`` the browser bundle · ``remains`` what a clean-up may take ·
    ``pins`` re-resolving the lock files
Shared by both halves (standard library only)
    ``home`` where state lives · ``ports`` where parts listen · ``credentials`` generated secrets ·
    ``environment`` what each program is told · ``programs`` which programs there are
Processes (orchestrator environment)
    ``supervision`` supervisord's configuration and its door · ``launch`` a program's first code ·
    ``processes`` what carries our marker · ``door`` Airflow's REST API as a person uses it ·
    ``health`` what "up" means · ``airflow_settings`` connections and pools ·
    ``arrivals`` the demo's data · ``suite`` up, down, status
Demo
    ``demo`` the story that ``make demo`` tells, through public doors only
"""
