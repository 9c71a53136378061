"use strict";

async function showUsers() {
  const answer = await fetch("/users", { headers: { accept: "application/json" } });
  const table = document.getElementById("users");
  for (const user of await answer.json()) {
    const row = table.insertRow();
    for (const key of ["id", "name", "born"]) {
      row.insertCell().textContent = user[key] ?? "";
    }
  }
}

if (document.getElementById("users")) {
  showUsers();
}
