function saveCustomer() {
  fetch('http://localhost:8080/customer', {
    headers: {
      'Accept': 'application/json',
      'Content-Type': 'application/json'
    },
    method: 'POST',
    body: JSON.stringify({id: 3, firstName: 'Jet', lastName: 'Brains'})
  })
    .then(response => response.text())
    .then(data => {
      console.log('Success:', data);
      alert(data);
    })
    .catch(error => {
      console.error('Error:', error);
    });
}

document.querySelector('button').addEventListener('click', saveCustomer);
