async function displayTasks(event) {
    event.preventDefault();
    const response = await fetch("/tasks", {headers: {"Accept": "application/json"}});
    const rows = (await response.json()).map(task => {
        const row = document.createElement("tr");
        for (const text of [task.name, task.description, task.priority]) {
            row.insertCell().textContent = text;
        }
        return row;
    });
    document.querySelector("tbody").replaceChildren(...rows);
}

document.querySelector("form").addEventListener("submit", displayTasks);
